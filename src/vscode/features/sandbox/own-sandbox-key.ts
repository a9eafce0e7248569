/** Where the address of a window's own sandbox is kept. */
export const OWN_SANDBOX_KEY = "scaletest.ownSandbox";
