import { EventEmitter } from "vscode";
import type { RunSummary, ScaleTestApi } from "../features/api/types.ts";
import type { Features, Loader } from "./loader.ts";

/** The API as `activate` returns it. Its members load the features, and then are theirs. */
export function apiFront(loader: Loader) {
  const updated = new EventEmitter<RunSummary>();
  let loaded: ScaleTestApi | undefined;
  const real = async () => (await loader.need()).api;
  /** Nobody waits for this load: a call of another member says why it fails. */
  const soon = () => void loader.need().catch(() => undefined);
  const api: ScaleTestApi = {
    version: 1,
    start: async (request) => (await real()).start(request),
    startTraffic: async (request) => (await real()).startTraffic(request),
    startRun: async (request) => (await real()).startRun(request),
    runAgain: async (id) => (await real()).runAgain(id),
    list: () => {
      soon();
      return loaded?.list() ?? [];
    },
    onDidUpdate: (...listener) => {
      soon();
      return updated.event(...listener);
    },
  };
  /** From now on it is that of the features. */
  const connect = ({ api: own }: Features) => {
    loaded = own;
    own.onDidUpdate((run) => updated.fire(run));
  };
  return { api, connect, dispose: () => updated.dispose() };
}
