import type { Terminals } from "../terminal/sessions.ts";
import type { Job } from "./jobs.ts";
import type { AppDefinition, Template, TemplateVersion } from "./templates.ts";
import type { User } from "./users.ts";

export type Transition = "start" | "stop" | "delete";

export interface Workspace {
  id: string;
  name: string;
  owner: User;
  template: Template;
  createdAt: number;
  lastUsedAt: number;
  builds: Build[];
  deleted: boolean;
  /** User ids that have it among their favourites. */
  favoriteOf: Set<string>;
  ttlMs: number | undefined;
  autostart: string;
  automaticUpdates: string;
  watchers: Set<() => void>;
}

export interface Build {
  id: string;
  workspace: Workspace;
  number: number;
  transition: Transition;
  version: TemplateVersion;
  initiator: User;
  reason: string;
  createdAt: number;
  job: Job;
  resources: Resource[];
  parameters: Map<string, string>;
  presetId: string | null;
}

export interface Resource {
  id: string;
  createdAt: number;
  type: string;
  name: string;
  agents: Agent[];
  metadata: { key: string; value: string; sensitive: boolean }[];
}

export type Lifecycle =
  | "created"
  | "starting"
  | "start_timeout"
  | "start_error"
  | "ready"
  | "shutting_down"
  | "shutdown_timeout"
  | "shutdown_error"
  | "off";

export type AgentStatus = "connecting" | "connected" | "disconnected" | "timeout";

export interface AgentLogRow {
  id: number;
  createdAt: number;
  output: string;
  level: string;
  sourceId: string;
}

/** The names of the two scripts that every simulated agent has. */
export interface AgentScripts {
  startupSourceId: string;
  shutdownSourceId: string;
  startupId: string;
  shutdownId: string;
}

export interface Agent {
  /** After so long without a first contact it counts as timed out; the usual time when left out. */
  timeoutMs?: number;
  id: string;
  name: string;
  workspace: Workspace;
  resourceId: string;
  createdAt: number;
  updatedAt: number;
  firstConnectedAt?: number;
  lastConnectedAt?: number;
  disconnectedAt?: number;
  startedAt?: number;
  readyAt?: number;
  lifecycle: Lifecycle;
  /** "" until it has reported. */
  version: string;
  apiVersion: string;
  latencyMs: number | undefined;
  logs: AgentLogRow[];
  logsLength: number;
  logFollowers: Set<(rows: AgentLogRow[] | "end") => void>;
  apps: { id: string; definition: AppDefinition; health: string }[];
  scripts: AgentScripts;
  terminals: Terminals;
  /** Streams into it (SSH) that end with it. */
  streams: Set<{ destroy(): void }>;
}
