import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";
import type { Clock } from "../clock.ts";
import type { KeyPair } from "../crypto/sodium.ts";
import type { Access } from "../network.ts";
import type { DerpMap, DerpRegion } from "../proto/messages.ts";
import { type DerpHandlers, DerpLink } from "./link.ts";
import { type RelayAddress, relayAddresses, usableRegions } from "./map.ts";

const PROBE_TIMEOUT_MS = 3_000;

export interface RelaysOptions {
  access: Access;
  keys: KeyPair;
  clock: Clock;
  forceWebSockets: boolean;
  handlers: Omit<DerpHandlers, "up" | "down">;
  /** The home relay, where we are reached, is there (again). */
  homeUp(region: number): void;
  homeDown(error: Error): void;
}

/** A link to our home region's relay, and one to each other region that an agent has its home in. */
export class Relays {
  #options: RelaysOptions;
  #map: DerpMap = new Map();
  #links = new Map<number, DerpLink>();
  #home = 0;
  #choosing = false;
  #closed = false;

  constructor(options: RelaysOptions) {
    this.#options = options;
  }

  /** The region where we are reached; 0 while there is none. */
  get home(): number {
    return this.#home;
  }

  get links(): number {
    return this.#links.size;
  }

  /** Packets that no relay took. */
  get dropped(): number {
    return [...this.#links.values()].reduce((sum, link) => sum + link.dropped, 0);
  }

  useMap(map: DerpMap): void {
    this.#map = map;
    if (this.#home !== 0 || this.#choosing || this.#closed) return;
    this.#choosing = true;
    void chooseHome(map, this.#options.access).then((region) => {
      this.#choosing = false;
      if (!region || this.#closed) return;
      this.#home = region.id;
      this.#open(region, true);
    });
  }

  /** The link to a region's relay; home's, where the region is not known. */
  linkTo(region: number): DerpLink | undefined {
    const link = this.#links.get(region);
    if (link || this.#closed) return link;
    const found = this.#map.get(region);
    if (!found || relayAddresses(found, this.#options.access).length === 0)
      return this.#links.get(this.#home);
    return this.#open(found, false);
  }

  close(): void {
    this.#closed = true;
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
  }

  #open(region: DerpRegion, home: boolean): DerpLink {
    const { access, keys, clock, forceWebSockets, handlers, homeUp, homeDown } = this.#options;
    const link = new DerpLink({
      access,
      addresses: relayAddresses(region, access),
      keys,
      clock,
      home,
      forceWebSockets,
      handlers: {
        ...handlers,
        up: () => (home ? homeUp(region.id) : undefined),
        down: (error) => (home ? homeDown(error) : undefined),
      },
    });
    this.#links.set(region.id, link);
    link.start();
    return link;
  }
}

/** The region that answers first; a single one needs no probing. */
async function chooseHome(map: DerpMap, access: Access): Promise<DerpRegion | undefined> {
  const regions = usableRegions(map, access);
  const [first, ...others] = regions;
  if (others.length === 0) return first;
  const probes = regions
    .filter((region) => !region.avoid)
    .map(async (region) => {
      const [address] = relayAddresses(region, access);
      if (address) await probe(access, address);
      return region;
    });
  return Promise.any(probes).catch(() => first);
}

function probe(access: Access, address: RelayAddress): Promise<void> {
  const url = new URL(`${address.url}/latency-check`);
  const agent = access.agentFor?.(url);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(
      url,
      {
        headers: { ...address.headers },
        agent: agent ?? false,
        signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
        ...address.tls,
      },
      (response) => {
        response.resume();
        if ((response.statusCode ?? 500) < 500) resolve();
        else reject(new SaidError(say("status {0}", String(response.statusCode))));
      },
    );
    request.once("error", reject);
    request.end();
  });
}
