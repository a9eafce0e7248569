/** How a template or an organization is found by what a person has typed. */
export { isNamed, matchTemplate, type TemplateMatch } from "../workloads/preflight/find-template.ts";
