import type { Workspace } from "../coder/schemas.ts";
import { Refusal } from "../contract/failures.ts";
import type { Plan } from "../contract/plan.ts";
import type { PrepareContext } from "../contract/prepare.ts";
import { type Message, say, sayCount } from "../text/message.ts";
import { saidOf } from "../text/said-error.ts";
import { type Leases, openLeases } from "./leases.ts";
import type { Seeker } from "./targets.ts";

/** How a step finds workspaces that no other run uses, and keeps them to itself. */
export interface Leased {
  seeker: Seeker;
  /** Those of them whose users this run has now. Throws Refusal where it has none. */
  hold<T>(all: readonly T[], workspaceOf: (one: T) => Workspace): Promise<T[]>;
}

/** Prepares a step over workspaces that are there; its leases end with its plan. */
export async function leased(
  context: PrepareContext,
  prepare: (leased: Leased) => Promise<Plan>,
): Promise<Plan> {
  const holder = new Holder(context);
  try {
    const plan = await prepare(holder);
    return { ...plan, giveBack: () => holder.giveBack() };
  } catch (error) {
    await holder.giveBack();
    throw error;
  }
}

class Holder implements Leased {
  readonly seeker: Seeker;
  readonly #context: PrepareContext;
  /** Asked for with the first workspace that others could use, too. */
  #leases: Promise<Leases> | undefined;

  constructor(context: PrepareContext) {
    this.#context = context;
    const { client, signal, warn } = context;
    this.seeker = { client, signal, warn, free: (all) => this.#free(all) };
  }

  /** Throws Refusal where others have all of them. */
  async #free(all: Workspace[]): Promise<Workspace[]> {
    if (!all.some((one) => this.#isShared(one))) return all;
    const leases = await this.#open();
    const free = all.filter((one) => !this.#isShared(one) || leases.isFree(one.owner_id));
    this.#tell(all, free, leases);
    return free;
  }

  #open(): Promise<Leases> {
    this.#leases ??= openLeases(this.#context);
    return this.#leases;
  }

  /** Never rejects. */
  async giveBack(): Promise<void> {
    await (await this.#leases?.catch(() => undefined))?.giveBack();
  }

  async hold<T>(all: readonly T[], workspaceOf: (one: T) => Workspace): Promise<T[]> {
    const shared = all.map(workspaceOf).filter((one) => this.#isShared(one));
    if (shared.length === 0) return [...all];
    const leases = await this.#open();
    const taken = await this.#take(
      leases,
      shared.map(({ owner_id }) => owner_id),
    );
    const isHeld = (workspace: Workspace) => !this.#isShared(workspace) || taken.has(workspace.owner_id);
    const held = all.filter((one) => isHeld(workspaceOf(one)));
    this.#tell(all.map(workspaceOf), held.map(workspaceOf), leases);
    return held;
  }

  /** A user who may not make tokens for others goes on without leases. */
  async #take(leases: Leases, owners: readonly string[]): Promise<ReadonlySet<string>> {
    try {
      return await leases.take(owners, owners.length, this.#context.signal);
    } catch (error) {
      this.#context.signal.throwIfAborted();
      this.#context.warn(
        say(
          "the users cannot be kept to this run, and another may use them at the same time: {0}",
          saidOf(error),
        ),
      );
      return new Set(owners);
    }
  }

  /** Of a scale test's own user, and not made by this very run. A person's account is the person's. */
  #isShared({ name, owner_name: owner }: Workspace): boolean {
    return owner.startsWith("scaletest-") && !name.startsWith(`scaletest-${this.#context.runId}-`);
  }

  #tell(all: readonly Workspace[], held: readonly Workspace[], leases: Leases): void {
    const others = all.length - held.length;
    if (others === 0) return;
    if (held.length === 0) throw new Refusal(sayAllInUse(all, leases));
    this.#context.warn(
      sayCount(others, {
        one: "{0} workspace is used by another run, and is left out",
        other: "{0} workspaces are used by other runs, and are left out",
      }),
    );
  }
}

function sayAllInUse(all: readonly Workspace[], leases: Leases): Message {
  const end = leases.lastEnd(all.map(({ owner_id }) => owner_id));
  const count = String(all.length);
  if (end === undefined) return say("other runs use all {0} workspaces; wait for them, or make more", count);
  const at = new Date(end).toISOString().slice(11, 16);
  return say(
    "other runs use all {0} workspaces; wait for them, or make more (a run that has died holds them until {1} UTC at the latest)",
    count,
    at,
  );
}
