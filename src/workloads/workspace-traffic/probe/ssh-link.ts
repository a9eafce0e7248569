import type { ClientChannel } from "ssh2";
import { inOneLine, oneLine, UPGRADES_STRIPPED } from "../../../coder/errors.ts";
import {
  type DialTarget,
  saysSignedOut,
  saysUpgradesStripped,
  type WorkspaceDialer,
} from "../../../coder/ssh/dialer.ts";
import { SshSession } from "../../../coder/ssh/session.ts";
import { say } from "../../../text/message.ts";
import { FirstSign, type Kit, type Link, LinkError, type LinkEvents, READY, withLastWords } from "./link.ts";

const END_WAIT_MS = 3_000;

/** Connects by SSH, runs an echo there, and waits until it echoes. Throws LinkError, or the signal's reason. */
export async function openSshLink(
  kit: Kit,
  dialer: WorkspaceDialer,
  target: DialTarget,
  events: LinkEvents,
  signal: AbortSignal,
): Promise<Link> {
  let session: SshSession | undefined;
  try {
    const dialed = await dialer.dial(target, signal);
    session = await SshSession.open(dialed, signal, kit.setup.openTimeoutMs);
    const command = `dd if=/dev/stdin of=/dev/stdout bs=${kit.setup.bytes} status=none`;
    const link = new SshLink(kit, session, await session.exec(command, signal), events);
    await link.ready(signal);
    return link;
  } catch (error) {
    session?.close();
    signal.throwIfAborted();
    if (error instanceof LinkError) throw error;
    if (saysUpgradesStripped(error)) throw new LinkError("upgrades_stripped", UPGRADES_STRIPPED);
    throw new LinkError("ssh_failed", say("SSH: {0}", inOneLine(error)), {
      signedOut: saysSignedOut(error),
    });
  }
}

class SshLink implements Link {
  #kit: Kit;
  #session: SshSession;
  #channel: ClientChannel;
  #events: LinkEvents;
  #first = new FirstSign();
  #complaint = "";
  #open = false;
  #over = false;

  constructor(kit: Kit, session: SshSession, channel: ClientChannel, events: LinkEvents) {
    this.#kit = kit;
    this.#session = session;
    this.#channel = channel;
    this.#events = events;
    channel.on("data", (bytes: Buffer) => this.#took(bytes));
    channel.stderr.on("data", (bytes: Buffer) => {
      this.#complaint = (this.#complaint + bytes.toString("utf8")).slice(-2_048);
    });
    channel.on("error", () => undefined);
    // A session that is lost closes its channels first, and says why at the end of the same turn.
    channel.once("close", () => setImmediate(() => this.#ended("closed", "")));
    void session.ended.then((error) => this.#ended("lost", error?.message ?? ""));
  }

  get backlog(): number {
    return this.#channel.writableLength;
  }

  send(salt: number, sequence: number): number {
    if (this.#over || !this.#channel.writable) return 0;
    const { bytes } = this.#kit.setup;
    // The cipher keeps a reference until it has had its turn.
    const tick = Buffer.allocUnsafe(bytes);
    this.#kit.payload.write(tick, 0, salt, sequence, bytes);
    this.#channel.write(tick);
    return bytes;
  }

  async ready(signal: AbortSignal): Promise<void> {
    this.#channel.write(READY);
    const first = await this.#first.wait(this.#kit.setup.openTimeoutMs, signal);
    if (first === "found") {
      this.#open = true;
      return;
    }
    const said = oneLine(`${this.#complaint} ${this.#first.said}`.trim());
    throw first === "timeout"
      ? new LinkError("ssh_silent", say("SSH: the echo command sent nothing back"))
      : new LinkError("ssh_no_echo", say("SSH: the echo command did not start"), {
          said: say(
            "SSH: {0}",
            withLastWords(say("the echo command ended at once (it needs {0} in the workspace)", "dd"), said),
          ),
        });
  }

  #took(bytes: Buffer): void {
    if (this.#first.done) return this.#events.data(bytes, 0, bytes.length);
    const at = this.#first.take(bytes, 0, bytes.length, READY);
    if (at >= 0 && at < bytes.length) this.#events.data(bytes, at, bytes.length);
  }

  #ended(code: string, reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#first.end();
    this.#session.close();
    if (this.#open) this.#events.ended({ code: `ssh ${code}`, reason: reason || oneLine(this.#complaint) });
  }

  end(): void {
    this.#channel.end();
    setTimeout(() => this.destroy(), END_WAIT_MS).unref();
  }

  destroy(): void {
    this.#channel.destroy();
    this.#session.close();
  }
}
