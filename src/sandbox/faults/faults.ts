import type { Clock } from "../clock.ts";
import type { Random } from "../random.ts";
import { type FaultSettings, NO_FAULTS } from "./settings.ts";

/** 99th percentile of the standard normal distribution. */
const Z99 = 2.326;

/** The faults of one sandbox, and every draw of them: the parts that can fail ask here. */
export class Faults {
  #settings: FaultSettings = NO_FAULTS;
  readonly #random: Random;
  readonly #clock: Clock;
  readonly #failedDeletes = new Set<string>();
  /** The draw of each workspace that was to be deleted. */
  readonly #indestructible = new Map<string, number>();
  readonly #changed = new Set<(settings: FaultSettings) => void>();
  #thaw: Promise<void> = Promise.resolve();
  #endFreeze: () => void = () => undefined;

  constructor(random: Random, clock: Clock) {
    this.#random = random;
    this.#clock = clock;
  }

  get settings(): Readonly<FaultSettings> {
    return this.#settings;
  }

  /** Told after every change, for what has to be done rather than asked. */
  onChange(listener: (settings: FaultSettings) => void): void {
    this.#changed.add(listener);
  }

  set(change: Partial<FaultSettings>): void {
    const wasFrozen = this.#settings.frozen;
    this.#settings = { ...this.#settings, ...change };
    this.#clock.skewMs = this.#settings.clockSkewMs;
    if (this.#settings.frozen && !wasFrozen) {
      this.#thaw = new Promise((resolve) => {
        this.#endFreeze = resolve;
      });
    }
    if (!this.#settings.frozen) this.#endFreeze();
    for (const listener of this.#changed) listener(this.#settings);
  }

  reset(): void {
    this.set(NO_FAULTS);
  }

  /** Resolves at once, unless the server is frozen: then when it is not any more. */
  thawed(): Promise<void> {
    return this.#thaw;
  }

  buildFails(): boolean {
    return this.#draw(this.#settings.buildFailureRate);
  }

  agentNeverConnects(): boolean {
    return this.#draw(this.#settings.agentNeverConnects);
  }

  losesPacket(): boolean {
    return this.#draw(this.#settings.packetLoss);
  }

  ignoresHandshake(): boolean {
    return this.#draw(this.#settings.handshakesIgnored);
  }

  startup(): "fails" | "hangs" | undefined {
    if (this.#draw(this.#settings.startupHangs)) return "hangs";
    return this.#draw(this.#settings.startupFails) ? "fails" : undefined;
  }

  /** True at most once for a workspace, or always for one that cannot be destroyed. */
  deleteFails(workspaceId: string): boolean {
    if (this.#isIndestructible(workspaceId)) return true;
    if (this.#failedDeletes.has(workspaceId) || !this.#draw(this.#settings.deleteFailsOnce)) return false;
    this.#failedDeletes.add(workspaceId);
    return true;
  }

  #isIndestructible(workspaceId: string): boolean {
    if (this.#settings.deleteFails === 0) return false;
    const draw = this.#indestructible.get(workspaceId) ?? this.#random.next();
    this.#indestructible.set(workspaceId, draw);
    return draw < this.#settings.deleteFails;
  }

  /** Milliseconds by which an API answer comes later. */
  apiDelayMs(): number {
    const { apiLatencyP50Ms: p50, apiLatencyP99Ms: p99 } = this.#settings;
    if (p50 <= 0) return 0;
    const sigma = p99 > p50 ? Math.log(p99 / p50) / Z99 : 0;
    return p50 * Math.exp(sigma * this.#normal());
  }

  /** The status that an API request is answered instead, if it is. */
  apiError(): number | undefined {
    if (this.#draw(this.#settings.rateLimited)) return 429;
    return this.#draw(this.#settings.errorRate) ? this.#settings.errorStatus : undefined;
  }

  /** What becomes of a chunk of output. */
  echo(bytes: Buffer): Buffer {
    const { echoCorrupted, echoTruncated } = this.#settings;
    if (bytes.length === 0 || (echoCorrupted === 0 && echoTruncated === 0)) return bytes;
    if (this.#draw(echoTruncated)) return bytes.subarray(0, bytes.length >> 1);
    if (!this.#draw(echoCorrupted)) return bytes;
    const damaged = Buffer.from(bytes);
    const at = this.#random.below(damaged.length);
    // One printable character for another, so that it stays what a terminal might say.
    damaged[at] = (damaged[at] ?? 0) === 0x23 ? 0x24 : 0x23;
    return damaged;
  }

  /** Which of the given connections a drop hits: the nearest whole number of them, chosen by the seed. */
  choose<T>(from: Iterable<T>, share: number): T[] {
    const all = [...from];
    const count = Math.round(all.length * share);
    for (let at = 0; at < count; at++) {
      const other = at + this.#random.below(all.length - at);
      const [a, b] = [all[at], all[other]];
      if (a === undefined || b === undefined) break;
      all[at] = b;
      all[other] = a;
    }
    return all.slice(0, count);
  }

  #draw(share: number): boolean {
    return share > 0 && this.#random.next() < share;
  }

  /** Box–Muller. */
  #normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.#random.next()));
    return radius * Math.cos(2 * Math.PI * this.#random.next());
  }
}
