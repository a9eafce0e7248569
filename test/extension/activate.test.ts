import assert from "node:assert/strict";
import { extensions } from "vscode";

describe("the extension", () => {
  it("activates", async () => {
    const extension = extensions.getExtension("coder-scaletest.coder-scaletest");
    assert.ok(extension, "VS Code knows the extension");
    await extension.activate();
    assert.equal(extension.isActive, true);
  });
});
