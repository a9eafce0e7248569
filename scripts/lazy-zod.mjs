import { fileURLToPath } from "node:url";

/** What of zod makes a schema, and what of a schema makes another one. All else makes it at once, and is right, too. */
const MAKERS =
  "string number boolean literal enum unknown undefined url union tuple object looseObject strictObject array record partialRecord discriminatedUnion lazy".split(
    " ",
  );
const CHAINED =
  "optional nullable nullish default catch catchall extend partial pick omit min max int nonnegative positive length regex transform refine superRefine array or and pipe nonempty trim startsWith gt gte lt lte".split(
    " ",
  );

/**
 * An esbuild plugin: schemas are made when they are first asked for something. All of them are half of what the editor
 * would wait for when the extension starts, which needs a few of them, later.
 */
export const lazyZod = {
  name: "lazy-zod",
  setup(build) {
    build.onResolve({ filter: /^zod$/ }, ({ importer, namespace }) =>
      namespace === "lazy-zod" || importer.includes("node_modules")
        ? undefined
        : { path: "zod", namespace: "lazy-zod" },
    );
    build.onLoad({ filter: /^zod$/, namespace: "lazy-zod" }, () => ({
      contents: [
        `import { ${MAKERS.map((name) => `${name} as _${name}`).join(", ")} } from "zod";`,
        `export * from "zod";`,
        `${lazySchemas}`,
        `const makers = lazySchemas({ ${MAKERS.map((name) => `${name}: _${name}`).join(", ")} }, ${JSON.stringify(CHAINED)});`,
        ...MAKERS.map((name) => `const $${name} = makers[${JSON.stringify(name)}];`),
        `export { ${MAKERS.map((name) => `$${name} as ${name}`).join(", ")} };`,
      ].join("\n"),
      resolveDir: fileURLToPath(new URL("..", import.meta.url)),
      loader: "js",
    }));
  },
};

/** It is written into what is built. */
export function lazySchemas(zod, chainedBy) {
  /** By their stand-ins. */
  const schemas = new WeakMap();
  const chained = new Set(chainedBy);

  /** What stands for a schema, until something but another schema is asked of it. */
  function standIn(make) {
    let made;
    const schema = () => {
      made ??= make();
      return made;
    };
    const proxy = new Proxy(
      {},
      {
        get(_, key) {
          if (made === undefined && chained.has(key))
            return (...args) => standIn(() => schema()[key](...args.map(real)));
          if (made === undefined && key === "shape") return shapeOf(schema);
          const value = schema()[key];
          return typeof value === "function" ? value.bind(schema()) : value;
        },
        has: (_, key) => key in schema(),
        getPrototypeOf: () => Object.getPrototypeOf(schema()),
      },
    );
    schemas.set(proxy, schema);
    return proxy;
  }

  function shapeOf(schema) {
    const own = (key) => Object.getOwnPropertyDescriptor(schema().shape, key);
    return new Proxy(
      {},
      {
        get: (_, key) => standIn(() => schema().shape[key]),
        has: (_, key) => key in schema().shape,
        ownKeys: () => Reflect.ownKeys(schema().shape),
        getOwnPropertyDescriptor: (_, key) => own(key) && { ...own(key), configurable: true },
      },
    );
  }

  /** The schemas themselves, in lists and shapes, too: what checks a message meets no stand-in. */
  function real(value) {
    if (typeof value !== "object" || value === null) return value;
    if (schemas.has(value)) return schemas.get(value)();
    if (Array.isArray(value)) return value.map(real);
    if (Object.getPrototypeOf(value) !== Object.prototype) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, real(one)]));
  }

  return Object.fromEntries(
    Object.entries(zod).map(([name, make]) => [
      name,
      (...args) =>
        standIn(() => make(...args.map((one) => (name === "lazy" ? () => real(one()) : real(one))))),
    ]),
  );
}
