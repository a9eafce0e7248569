import { FILE_BYTES } from "../limits.ts";

/** An uploaded archive. What is in it is kept, and never read: the sandbox runs no Terraform. */
export interface StoredFile {
  id: string;
  hash: string;
  createdById: string;
  contentType: string;
  bytes: Buffer;
}

/** What a file takes beside its bytes. */
const OWN_BYTES = 1_024;

/** Uploaded archives, by id; the same bytes of the same user are the same file. */
export class Files {
  readonly #byId = new Map<string, StoredFile>();
  #bytes = 0;

  add(file: StoredFile): void {
    this.#byId.set(file.id, file);
    this.#bytes += file.bytes.length + OWN_BYTES;
    for (const oldest of this.#byId.values()) {
      if (this.#bytes <= FILE_BYTES) return;
      this.#byId.delete(oldest.id);
      this.#bytes -= oldest.bytes.length + OWN_BYTES;
    }
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
