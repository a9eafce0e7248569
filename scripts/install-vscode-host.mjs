// Installs the VS Code server that stands in for the desktop where that cannot be downloaded.
import { installVscodeHost } from "./host/install.ts";

console.log(await installVscodeHost());
