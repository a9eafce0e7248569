import { NIL_UUID } from "../http/body.ts";
import type { TemplateVersion } from "../state/templates.ts";

/** The metadata of a job that nobody asks about. */
export const NO_METADATA = {
  template_version_name: "",
  template_id: NIL_UUID,
  template_name: "",
  template_display_name: "",
  template_icon: "",
};

/** Jobs of a template that no daemon serves carry a tag that none has. */
export function tags(version: TemplateVersion): Record<string, string> {
  return version.blueprint.unmatched
    ? { owner: "", scope: "organization", zone: "nowhere" }
    : { owner: "", scope: "organization" };
}
