/** An uploaded archive. What is in it is kept, and never read: the sandbox runs no Terraform. */
export interface StoredFile {
  id: string;
  hash: string;
  createdById: string;
  contentType: string;
  bytes: Buffer;
}

/** Uploads kept at most; the oldest go first, so that a client cannot fill the memory with them. */
const MOST = 64;

/** Uploaded archives, by id; the same bytes of the same user are the same file. */
export class Files {
  readonly #byId = new Map<string, StoredFile>();

  add(file: StoredFile): void {
    this.#byId.set(file.id, file);
    const [oldest] = this.#byId.keys();
    if (this.#byId.size > MOST && oldest !== undefined) this.#byId.delete(oldest);
  }

  byId(id: string): StoredFile | undefined {
    return this.#byId.get(id);
  }

  same(hash: string, createdById: string): StoredFile | undefined {
    for (const file of this.#byId.values())
      if (file.hash === hash && file.createdById === createdById) return file;
    return undefined;
  }
}
