import { productHome } from "../runs/home.ts";
import { settings } from "./settings.ts";

/** The folder that holds everything this product keeps, as the setting or the environment names it. */
export function editorHome(): string {
  const named = settings.home();
  return productHome(named ? { ...process.env, CODER_SCALETEST_HOME: named } : process.env);
}
