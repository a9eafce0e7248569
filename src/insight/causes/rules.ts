import type { Rule } from "./rule.ts";
import { agents } from "./rules/agents.ts";
import { coderdCpu } from "./rules/coderd-cpu.ts";
import { database } from "./rules/database.ts";
import { databasePool } from "./rules/database-pool.ts";
import { generator } from "./rules/generator.ts";
import { memory } from "./rules/memory.ts";
import { network } from "./rules/network.ts";
import { provisioners } from "./rules/provisioners.ts";
import { proxy } from "./rules/proxy.ts";
import { rateLimit } from "./rules/rate-limit.ts";
import { relay } from "./rules/relay.ts";
import { replica } from "./rules/replica.ts";
import { startupScripts } from "./rules/startup-scripts.ts";

/** What can break first. Of two with the same strength, the one that began earlier stands first, then the one here. */
export const RULES: readonly Rule[] = [
  generator,
  replica,
  rateLimit,
  provisioners,
  databasePool,
  database,
  coderdCpu,
  memory,
  agents,
  startupScripts,
  relay,
  proxy,
  network,
];
