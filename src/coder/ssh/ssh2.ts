/** A file of its own, to be imported where it is used: ssh2 is large, and most processes open no SSH connection. */
export { Client } from "ssh2";
