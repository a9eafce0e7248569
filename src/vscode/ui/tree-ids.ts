/**
 * Ids of lines of a tree. The editor shows an error instead of a whole view in which two lines have the same one, so
 * none is made of what people and servers write without this.
 */

/** Of a line by where it stands: no part can be taken for another, whatever is in it. */
export function lineId(...parts: readonly (string | number)[]): string {
  return parts.map((part) => encodeURIComponent(part)).join("/");
}

/** Lines beside each other, those of the same id told apart by their order. */
export function distinct<T extends { id: string }>(lines: readonly T[]): T[] {
  const taken = new Set<string>();
  return lines.map((line) => {
    let { id } = line;
    for (let more = 2; taken.has(id); more++) id = `${line.id}#${more}`;
    taken.add(id);
    return id === line.id ? line : { ...line, id };
  });
}
