/** Ten mistakes, one a line. */
export const TEN = `name: nightly
tempalte: kubernetes
steps:
  - create: { count: many, template: kubernetes }
    name: create
  - trafic: { rate: 40KB/s }
  - traffic: { over: smoke }
    name: terminals
    ramp: 30
    after: nobody
  - traffic: { share: 60% }
    name: one
  - traffic: { share: 50% }
    with: one
thresholds:
  - round_trip{step=gone}.p95 < 200ms
  - round_trip{step=one}.p95 < 200
limits:
  connections: lots
`;

/** What is said of each, with line and column from 1: by the command line as by the editor. */
export const TEN_MISTAKES: readonly string[] = [
  '2:1 error: a scenario has no "tempalte"; did you mean template?',
  '4:22 error: count must be a whole number, not "many"',
  '6:5 error: "trafic" is no kind of step; did you mean traffic?',
  '7:22 error: over must be one of terminal, ssh, app, not "smoke"',
  "9:11 error: ramp has no unit; write 30s or 30ms",
  '10:12 error: there is no step "nobody": there is create, terminals, one, traffic',
  "13:23 error: no 50% of the workspaces are left beside one: steps that overlap have 100% together; lower a share, or let one step follow the other",
  '16:21 error: there is no step "gone": there is create, terminals, one, traffic',
  '17:32 error: the limit must be a duration such as 200ms or 3m, not "200"',
  "19:16 error: connections must be a whole number of 1 or more",
];
