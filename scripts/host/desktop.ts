/**
 * Whether desktop VS Code can be downloaded here and has a screen to open on. (Without one, on Linux, run
 * under `xvfb-run -a`.)
 */
export async function desktopIsToBeHad(env: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  if (process.platform === "linux" && !env.DISPLAY && !env.WAYLAND_DISPLAY) return false;
  try {
    const answer = await fetch("https://update.code.visualstudio.com/api/releases/stable", {
      signal: AbortSignal.timeout(5_000),
    });
    return answer.ok;
  } catch {
    return false;
  }
}
