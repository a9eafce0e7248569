/** What a deployment's work costs, and what it has to do it with. */
export interface LoadModelOptions {
  /** coderd replicas; long-lived connections and requests are dealt to them in turn. */
  replicas: number;
  /** Cores of each replica; 0 = no limit, nothing is modelled. */
  coderdCores: number;
  /** Database connections of each replica; coderd's own pool has 10. */
  databasePool: number;
  /** Cores of the one database; 0 = no limit. */
  databaseCores: number;
  /** CPU milliseconds of coderd for an API request, and of the database. */
  requestMs: number;
  requestDatabaseMs: number;
  /** CPU milliseconds of coderd for a message of a terminal, an app or an SSH channel, its echo included. */
  messageMs: number;
  /** CPU seconds of a build, taken from its replica over the build's time. */
  buildCpuSeconds: number;
}

export const NO_LOAD_MODEL: LoadModelOptions = {
  replicas: 1,
  coderdCores: 0,
  databasePool: 10,
  databaseCores: 0,
  requestMs: 4,
  requestDatabaseMs: 2,
  messageMs: 0.05,
  buildCpuSeconds: 0.5,
};
