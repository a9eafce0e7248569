import type { Attributes } from "@opentelemetry/api";
import type { JsonMetricsSerializer } from "@opentelemetry/otlp-transformer";

type Resource = Parameters<typeof JsonMetricsSerializer.serializeRequest>[0]["resource"];

/** What sends, as the serializer wants it: of a resource it reads the attributes alone. */
export function resourceOf(attributes: Attributes): Resource {
  return { attributes, merge: (other) => other ?? resourceOf(attributes), getRawAttributes: () => [] };
}
