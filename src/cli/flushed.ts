/** Resolves when all that was printed so far is out, or cannot be: another process may print now, or this one end. */
export async function flushed(): Promise<void> {
  const out = (stream: NodeJS.WriteStream) =>
    new Promise<void>((resolve) => stream.write("", () => resolve()));
  await Promise.all([out(process.stdout), out(process.stderr)]);
}
