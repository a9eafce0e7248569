import { lookedUp } from "../../l10n/text.ts";
import type { Description, FigureRef } from "../../protocol/description.ts";
import { figureKey } from "../../protocol/figure-key.ts";
import { PhaseColours, realPhase } from "./phases.ts";
import { JobStates } from "./states.ts";

/** A run's description with what is looked up in it again and again; made once for each description. */
export class Described {
  readonly description: Description;
  readonly states: JobStates;
  readonly phaseColours: PhaseColours;
  /** Of a job, in the order in which it goes through them. */
  readonly phaseOrder: readonly string[];
  readonly #phaseLabels: ReadonlyMap<string, string>;
  readonly #places: ReadonlyMap<string, number>;

  constructor(description: Description) {
    this.description = description;
    this.states = new JobStates(description.states);
    this.phaseColours = new PhaseColours(description.phases);
    this.phaseOrder = description.phases.map(({ name }) => name).filter((name) => realPhase(name) === name);
    this.#phaseLabels = new Map(description.phases.map(({ name, label }) => [name, lookedUp(label)]));
    this.#places = new Map(description.series.map((figure, place) => [figureKey(figure), place]));
  }

  phaseLabel(name: string): string {
    return this.#phaseLabels.get(name) ?? name;
  }

  /** Which of a sample's values a figure is. */
  placeOf(figure: FigureRef): number | undefined {
    return this.#places.get(figureKey(figure));
  }
}

/** Keeps one object for as long as runs describe themselves in the same way: each message brings a new copy. */
export class DescribedOnce {
  #text = "";
  #described: Described | undefined;

  of(description: Description): Described {
    const text = JSON.stringify(description);
    if (this.#described === undefined || text !== this.#text) {
      this.#text = text;
      this.#described = new Described(description);
    }
    return this.#described;
  }
}
