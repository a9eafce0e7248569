import type { DeploymentTag } from "../../../runs/deployment-tags.ts";
import { Signal } from "../../signal.ts";
import { inFolder } from "../runs/home-problem.ts";

/** The file of tags, which the command line shares. */
export interface TagFile {
  read(): Promise<Record<string, DeploymentTag>>;
  write(url: string, tag: DeploymentTag): Promise<void>;
}

/** Which deployments a person has marked as being there to be tested. */
export class DeploymentTags {
  readonly changed = new Signal<void>();
  readonly #file: TagFile;
  #tags: Record<string, DeploymentTag> = {};

  constructor(file: TagFile) {
    this.#file = file;
  }

  /** As it was when the file was last read. */
  isStaging(url: string): boolean {
    return this.#tags[new URL(url).origin] === "staging";
  }

  /** Reads the file anew: the command line may have changed it. */
  async read(url: string): Promise<boolean> {
    await this.refresh();
    return this.isStaging(url);
  }

  async refresh(): Promise<void> {
    this.#tags = await this.#file.read();
    this.changed.emit();
  }

  async mark(url: string, staging: boolean): Promise<void> {
    await this.#file.write(url, staging ? "staging" : "production");
    await this.refresh();
  }
}

export function tagFile(home: string): TagFile {
  const tags = () => import("../../../runs/deployment-tags.ts");
  return {
    read: async () => (await tags()).readTags(home),
    write: async (url, tag) => inFolder(home, async () => (await tags()).writeTag(home, url, tag)),
  };
}
