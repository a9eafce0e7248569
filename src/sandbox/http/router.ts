import type { Context } from "./context.ts";
import type { Reply } from "./reply.ts";

/** Who may call: nobody in particular, a session, a session with the agent routes' texts, or as an app. */
export type Access = "public" | "session" | "agent" | "app";

export interface Route {
  method: string;
  /** Segments in braces are parameters: `/api/v2/users/{user}`. A trailing `*` takes the rest. */
  path: string;
  access: Access;
  handle(context: Context): Reply | Promise<Reply>;
}

export function route(
  method: string,
  path: string,
  handle: Route["handle"],
  access: Access = "session",
): Route {
  return { method, path, access, handle };
}

export interface Match {
  route: Route;
  params: Record<string, string>;
}

interface Node {
  fixed: Map<string, Node>;
  parameter: Node | undefined;
  rest: Map<string, Route>;
  methods: Map<string, Route>;
}

const newNode = (): Node => ({
  fixed: new Map(),
  parameter: undefined,
  rest: new Map(),
  methods: new Map(),
});

/** A tree of path segments; fixed segments win over parameters. */
export class Router {
  readonly #root = newNode();

  add(routes: Route[]): void {
    for (const one of routes) {
      let node = this.#root;
      let rest = false;
      for (const segment of one.path.split("/").slice(1)) {
        if (segment === "*") rest = true;
        else if (segment.startsWith("{")) node = node.parameter ??= newNode();
        else node = this.#child(node, segment);
      }
      const methods = rest ? node.rest : node.methods;
      if (methods.has(one.method)) throw new Error(`two routes for ${one.method} ${one.path}`);
      methods.set(one.method, one);
    }
  }

  #child(node: Node, segment: string): Node {
    const known = node.fixed.get(segment);
    if (known) return known;
    const made = newNode();
    node.fixed.set(segment, made);
    return made;
  }

  /** The route, or the methods that the path allows, or undefined when nothing has that path. */
  find(method: string, path: string): Match | { allow: string[] } | undefined {
    const methods = this.#walk(this.#root, path.split("/"), 1);
    if (!methods) return undefined;
    const found = methods.get(method);
    if (!found) return { allow: [...methods.keys()] };
    return { route: found, params: readParams(found.path, path) };
  }

  #walk(node: Node, segments: string[], at: number): Map<string, Route> | undefined {
    const segment = segments[at];
    const ended = segment === undefined || (segment === "" && at === segments.length - 1 && !node.rest.size);
    // A slash at the end changes nothing.
    if (ended) return node.methods.size ? node.methods : undefined;
    const fixed = node.fixed.get(segment);
    const found = fixed && this.#walk(fixed, segments, at + 1);
    if (found) return found;
    const taken = node.parameter && segment !== "" && this.#walk(node.parameter, segments, at + 1);
    if (taken) return taken;
    return node.rest.size ? node.rest : undefined;
  }
}

function readParams(pattern: string, path: string): Record<string, string> {
  const params: Record<string, string> = {};
  const segments = path.split("/");
  pattern.split("/").forEach((part, at) => {
    if (part === "*") params["*"] = segments.slice(at).join("/");
    else if (part.startsWith("{")) params[part.slice(1, -1)] = decode(segments[at] ?? "");
  });
  return params;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
