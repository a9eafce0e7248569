// An esbuild plugin: of undici only the client that src/coder uses. Its entry also loads fetch, WebSockets, caches
// and mocks, which take 15 MB of every process and 400 KB of every bundle.
export const undiciClient = {
  name: "undici-client",
  setup(build) {
    build.onLoad({ filter: /[\\/]undici[\\/]index\.js$/ }, () => ({
      contents: `
        const Dispatcher = require("./lib/dispatcher/dispatcher");
        Object.assign(Dispatcher.prototype, require("./lib/api"));
        module.exports = { EnvHttpProxyAgent: require("./lib/dispatcher/env-http-proxy-agent") };`,
      loader: "js",
    }));
  },
};
