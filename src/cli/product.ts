import manifest from "../../package.json" with { type: "json" };

/** Version of this product, as in package.json. */
export const PRODUCT: string = manifest.version;
