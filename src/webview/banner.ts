import { formatTime } from "../l10n/figures.ts";
import { outcomeLeftText } from "../l10n/left.ts";
import { t, wordsOf } from "../l10n/text.ts";
import { type Ending, endingOf } from "../protocol/ending.ts";
import type { ToPanel } from "../protocol/panel.ts";
import type { StepView } from "../protocol/steps.ts";
import { validityText } from "./charts/validity.ts";
import { h, setAttribute, setHidden, setText } from "./dom.ts";
import type { Tone } from "./model/states.ts";
import type { Port } from "./port.ts";

export type Connection = Omit<Extract<ToPanel, { type: "connection" }>, "type">;

interface Message {
  tone: Tone;
  heading: string;
  text: string;
  /** The run waits for a sign-in. */
  signIn?: boolean;
}

/** One sentence about the whole: the verdict at the end, or what is wrong with the connection to the run. */
export function createBanner(port: Port) {
  const heading = h("strong");
  const text = h("span");
  const signIn = h("button", { type: "button", class: "primary" }, t("Sign In"));
  const node = h("div", { class: "banner", role: "status" }, heading, text);
  node.hidden = true;
  signIn.addEventListener("click", () => port.post({ type: "signIn" }));

  function update(connection: Connection, snapshot: StepView | undefined): void {
    const message = bannerMessage(connection, snapshot);
    setHidden(node, message === undefined);
    setAttribute(node, "data-tone", message?.tone);
    setText(heading, message?.heading ?? "");
    setText(text, message?.text ?? "");
    if (message?.signIn !== true) signIn.remove();
    else if (!signIn.isConnected) node.append(signIn);
  }

  return { node, update };
}

export function bannerMessage(connection: Connection, snapshot: StepView | undefined): Message | undefined {
  if (snapshot?.outcome) return verdictMessage(snapshot.outcome);
  if (snapshot?.state === "crashed")
    return lostMessage(t("The runner ended without finishing"), connection.message);
  if (connection.state === "lost")
    return lostMessage(t("The connection to the run is lost"), connection.message);
  if (connection.state === "closed") return lostMessage(t("The run is gone"), connection.message);
  if (connection.state === "connecting" && snapshot) {
    return { tone: "neutral", heading: t("Reconnecting to the run"), text: connection.message ?? "" };
  }
  if (connection.state === "silent")
    return { tone: "warning", heading: t("The runner does not answer"), text: connection.message ?? "" };
  if (snapshot?.sessionExpired) return expiredMessage(snapshot.sessionExpired);
  if (snapshot?.validity.tooFew) return invalidMessage(snapshot.validity);
  return undefined;
}

function invalidMessage(validity: StepView["validity"]): Message {
  const text = validityText(validity) || t("too few seconds count");
  return { tone: "bad", heading: t("Measurement invalid"), text };
}

function expiredMessage({ until, user }: NonNullable<StepView["sessionExpired"]>): Message {
  return {
    tone: "warning",
    heading: t("The session has expired"),
    text: t(
      "It was that of {0}. What needs it waits for a sign-in until {1}; then the run ends.",
      user,
      formatTime(until, "short"),
    ),
    signIn: true,
  };
}

function lostMessage(heading: string, message: string | undefined): Message {
  const advice = t("What it created may still be on the deployment; its journal names it.");
  return { tone: "bad", heading, text: message ? `${message} ${advice}` : advice };
}

function verdictMessage(outcome: NonNullable<StepView["outcome"]>): Message {
  const headings = {
    passed: { tone: "good", heading: t("Passed") },
    failed: { tone: "bad", heading: t("Failed") },
    refused: { tone: "bad", heading: t("Refused") },
    interrupted: { tone: "warning", heading: t("Stopped") },
    invalid: { tone: "bad", heading: t("Invalid") },
    ended: { tone: "warning", heading: t("Ended") },
  } as const satisfies Record<Ending, Omit<Message, "text">>;
  const ending = endingOf(outcome);
  const parts = [
    wordsOf(outcome.refusal ?? outcome.summary),
    ending === "ended" ? t("no threshold is set") : "",
    outcomeLeftText(outcome),
  ].filter(Boolean);
  return { ...headings[ending], text: parts.join(" — ") };
}
