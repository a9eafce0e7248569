import type { Description } from "./description.ts";
import type { News } from "./messages.ts";
import type { Snapshot } from "./snapshot.ts";

/** Leaves out of each snapshot what those who got the one before know. */
export class NewsWriter {
  #sent = new Map<string, Description>();

  /** A description that has changed is another object. */
  of(snapshot: Snapshot): News {
    const known = this.#sent;
    this.#sent = new Map(snapshot.steps.map(({ name, description }) => [name, description]));
    return {
      ...snapshot,
      steps: snapshot.steps.map(({ description, ...step }) =>
        known.get(step.name) === description ? step : { ...step, description },
      ),
    };
  }
}

/** The snapshot that news make of the one before; undefined where that is too little to tell. */
export function withNews(before: Snapshot | undefined, news: News): Snapshot | undefined {
  const known = new Map(before?.steps.map(({ name, description }) => [name, description]));
  const steps = news.steps.flatMap((step) => {
    const description = step.description ?? known.get(step.name);
    return description ? [{ ...step, description }] : [];
  });
  return steps.length === news.steps.length ? { ...news, steps } : undefined;
}
