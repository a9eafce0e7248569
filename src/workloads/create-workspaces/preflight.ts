import { TemplateForms } from "../../coder/template-form.ts";
import { Refusal } from "../../contract/failures.ts";
import type { PreflightContext } from "../../contract/prepare.ts";
import type { Check } from "../../protocol/check.ts";
import { type Message, say, sayAll } from "../../text/message.ts";
import { findTemplate } from "../preflight/find-template.ts";
import { preflight } from "../preflight/preflight.ts";
import { type CreateWorkspacesConfig, intendedOf } from "./config.ts";
import { fillForm, parameterValues, refuseExternalAuth } from "./template.ts";

/**
 * All checks of a create-workspaces run, without making anything. A refusal becomes a check that blocks, so
 * that one look shows everything; what depends on it is left out.
 */
export async function checkCreateWorkspaces(
  config: CreateWorkspacesConfig,
  { client, user, signal }: PreflightContext,
): Promise<Check[]> {
  const checks: Check[] = [];
  const add = async <T>(
    id: string,
    label: Message,
    work: () => Promise<T>,
    figure: (value: T) => Message,
    notes: (value: T) => readonly Message[] = () => [],
  ): Promise<T | undefined> => {
    try {
      const value = await work();
      const said = notes(value);
      checks.push(
        said.length > 0
          ? { id, label, status: "warning", figure: figure(value), mend: sayAll(said, "; ") }
          : { id, label, status: "ok", figure: figure(value) },
      );
      return value;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      checks.push({ id, label, status: "blocks", figure: error.said });
      return undefined;
    }
  };
  const template = await add(
    "template",
    say("Template"),
    async () => {
      const found = await findTemplate(client, config.template, config.org, signal);
      await refuseExternalAuth(config, found, client, signal);
      return found;
    },
    (found) => say("{0} of {1}", found.name, found.organization_name || say("its organization")),
  );
  if (!template) return checks;
  await add(
    "parameters",
    say("Parameters"),
    async () => {
      const form = await fillForm(config, template, new TemplateForms(client, user.id), signal);
      return parameterValues(config, template, form);
    },
    ({ shown }) => shown,
    ({ notes }) => notes,
  );
  return [...checks, ...(await preflight(client, template, intendedOf(config), signal))];
}
