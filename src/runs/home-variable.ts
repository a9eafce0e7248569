import { homedir } from "node:os";

/**
 * A user id that is not in the passwd file (OpenShift, `docker run -u 12345`) has no home folder, and libraries that
 * ask for it while they load would throw. Container runtimes set HOME to `/` for such a user; where nobody did, this
 * module does. It must be imported before them.
 */
try {
  homedir();
} catch {
  process.env.HOME = "/";
}
