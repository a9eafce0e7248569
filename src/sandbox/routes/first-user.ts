import type { Deployment } from "../deployment.ts";
import type { Context } from "../http/context.ts";
import { ApiError, brokenRule, type Validation, validationFailed } from "../http/errors.ts";
import { created, message, type Reply } from "../http/reply.ts";
import { type Route, route } from "../http/router.ts";
import { isName } from "./users.ts";

/** Whether there is a first user, and the making of it. */
export function firstUserRoutes(deployment: Deployment): Route[] {
  const path = "/api/v2/users/first";
  const told = () =>
    deployment.isSetUp
      ? message("The initial user has already been created!")
      : message("The initial user has not been created!", 404);
  return [
    route("GET", path, told, "public"),
    route("POST", path, (context) => createFirst(context, deployment), "public"),
  ];
}

async function createFirst(context: Context, deployment: Deployment): Promise<Reply> {
  const taken = () => new ApiError(409, "The initial user has already been created.");
  if (deployment.isSetUp) throw taken();
  const fields = await context.body("CreateFirstUserRequest");
  const [email, username, password] = [
    fields.text("email"),
    fields.text("username"),
    fields.text("password"),
  ];
  const problems: Validation[] = [];
  if (!email.includes("@")) problems.push(brokenRule("email", email ? "email" : "required", email));
  if (!isName(username)) problems.push(brokenRule("username", username ? "username" : "required", username));
  if (!password) problems.push(brokenRule("password", "required", ""));
  if (problems.length) throw validationFailed(problems);
  // Somebody may have been faster while the body was read.
  if (deployment.isSetUp) throw taken();
  deployment.isSetUp = true;
  const { owner, users, catalogue } = deployment;
  users.rename(owner, { username, email, name: fields.text("name"), password });
  return created({ user_id: owner.id, organization_id: catalogue.organization("default")?.id ?? "" });
}
