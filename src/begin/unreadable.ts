/**
 * Not even the product's own files may be there to be read: no file handles are left, say. That is one line, too, for
 * people on standard error, and for whoever starts a runner on its standard output.
 */
export function orUnreadable(work: Promise<unknown>, stream: NodeJS.WriteStream, prefix: string): void {
  work.catch((error: NodeJS.ErrnoException) => {
    if (!error?.syscall && error?.code !== "ERR_MODULE_NOT_FOUND") throw error;
    const isHandleLimit = error.code === "EMFILE" || error.code === "ENFILE";
    const why = isHandleLimit
      ? "(too many open files); allow more of them first, with: ulimit -n 4096"
      : `(${error.message}); install it again`;
    stream.write(`${prefix}a file of the product cannot be read ${why}\n`);
    process.exitCode = 3;
  });
}
