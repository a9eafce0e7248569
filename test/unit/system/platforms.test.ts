import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fileNameOf } from "../../../src/app/scenario/file-name.ts";
import { configFolder, hasKeychain } from "../../../src/system/config-folder.ts";
import { findOnPath } from "../../../src/system/programs.ts";
import { socketPath } from "../../../src/system/socket-path.ts";

const folder = mkdtempSync(path.join(tmpdir(), "scaletest-system-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("as another system", () => {
  it("keeps Coder's settings where Go's os.UserConfigDir has them", () => {
    expect(configFolder({ HOME: "/home/a" }, "linux")).toBe("/home/a/.config");
    expect(configFolder({ HOME: "/home/a", XDG_CONFIG_HOME: "/c" }, "linux")).toBe("/c");
    expect(configFolder({ HOME: "/Users/a" }, "darwin")).toBe("/Users/a/Library/Application Support");
    expect(configFolder({ APPDATA: "C:\\Users\\a\\AppData\\Roaming" }, "win32")).toBe(
      "C:\\Users\\a\\AppData\\Roaming",
    );
    expect(configFolder({ USERPROFILE: "C:\\Users\\a" }, "win32")).toBe("C:\\Users\\a\\AppData\\Roaming");
    expect(["linux", "darwin", "win32"].map((platform) => hasKeychain(platform))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it("listens at a pipe on Windows, and at a socket elsewhere, whose path is short enough for macOS", () => {
    expect(socketPath("abcdefgh", "win32")).toBe("\\\\.\\pipe\\coder-scaletest-abcdefgh");
    const deep = `/private/var/folders/${"x".repeat(90)}/T`;
    expect(socketPath("abcdefgh", "darwin", deep)).toMatch(/^\/tmp\/coder-scaletest-.*\/abcdefgh\.sock$/);
    expect(socketPath("abcdefgh", "darwin", "/var/T")).toMatch(/^\/var\/T\/coder-scaletest-.*\.sock$/);
  });

  it("finds a program by the endings that Windows has for one, and by its own name elsewhere", async () => {
    for (const name of ["coder.EXE", "coder"]) {
      writeFileSync(path.join(folder, name), "");
      chmodSync(path.join(folder, name), 0o755);
    }
    const nowhere = path.join(folder, "nowhere");
    expect(await findOnPath("coder", { Path: `${nowhere};${folder}` }, "win32")).toBe(
      path.join(folder, "coder.EXE"),
    );
    expect(await findOnPath("coder", { PATH: `${nowhere}:${folder}` }, "linux")).toBe(
      path.join(folder, "coder"),
    );
    expect(await findOnPath("coder", { PATH: nowhere }, "darwin")).toBeUndefined();
  });

  it("gives a scenario a name that every system takes", () => {
    expect(fileNameOf("Nine o'clock: 200 users?")).toBe("nine-o-clock-200-users.scaletest.yaml");
    expect(["con", "NUL", "com1", "Lpt9"].map(fileNameOf)).toEqual([
      "scenario-con.scaletest.yaml",
      "scenario-nul.scaletest.yaml",
      "scenario-com1.scaletest.yaml",
      "scenario-lpt9.scaletest.yaml",
    ]);
    expect(fileNameOf("…")).toBe("scenario.scaletest.yaml");
  });
});
