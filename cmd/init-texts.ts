/** The starter declarations: valid as they are, with everything else as comments to take in. */
export function starter(project: string): string {
  return `# yaml-language-server: $schema=https://unpkg.com/instate/schema/instate.schema.json
version: 1
project: ${project}             # names the ownership tag of what instate makes; one state is one project on one account

# Which account. Without this block: US production, and the two variables below.
account:
  baseUrl: https://api.cloud-elements.com/elements/api-v2
  userSecret: "\${env:CE_USER_SECRET}"
  organizationSecret: "\${env:CE_ORGANIZATION_SECRET}"
  # user: 8421                # refuse any other account: the user id that its instances show

# defaults:                   # for every instance
#   tags: [managed]
#   configuration:
#     filter.response.nulls: true

instances:
  insightly-sales:            # the address: the instance's name in instate
    element: insightly
    name: Insightly Sales     # the display name in the account
    tags: [crm]
    configuration:
      username: "\${env:INSIGHTLY_USERNAME}"
      password: "\${env:INSIGHTLY_API_KEY}"    # secrets are references, never text
    # id: 12345               # pin an instance that exists already
    # protect: true           # never replaced or deleted
    # ignore: [tags]          # fields that are never compared

# secretCommands:             # programs whose output is a secret, for "\${exec:insightly-key}"; run with --allow-exec only
#   insightly-key: [op, read, "op://prod/insightly/key"]

# moved:                      # renames of addresses
#   insightly-old: insightly-sales
`;
}

/** Names of the variables that the starter refers to; values go into a copy that git ignores. */
export const environmentExample = `# Copy to .env, fill in, and give it with  --env-file .env  (instate reads no .env by itself).
CE_USER_SECRET=
CE_ORGANIZATION_SECRET=
INSIGHTLY_USERNAME=
INSIGHTLY_API_KEY=
`;

/** Never to be committed: the state (it holds sealed tokens), filled-in variables, and tokens that were handed over. */
export const ignoredLines: readonly string[] = ['.instate/', '.env', '*.env'];
