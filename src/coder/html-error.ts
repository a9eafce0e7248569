/** What Go's html/template writes for what would be markup: golang.org/src/html/escape.go. */
const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/**
 * The sentence of an error page: what coderd says of an agent, or else the title. A terminal and an app are refused with a page
 * where other calls are refused with JSON (docs/coder-api.md, Web terminal). undefined: it has neither.
 */
export function htmlReason(page: string): string | undefined {
  const reason = /Agent state is [^<]*/i.exec(page)?.[0] ?? /<title>([^<]*)<\/title>/i.exec(page)?.[1];
  return reason === undefined ? undefined : unescaped(reason).trim() || undefined;
}

function unescaped(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w+));/gi, (all, decimal, hex, name) => {
    if (name !== undefined) return NAMED[String(name).toLowerCase()] ?? all;
    const point = Number.parseInt(decimal ?? hex, decimal === undefined ? 16 : 10);
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : all;
  });
}
