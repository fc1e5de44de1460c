/**
 * Forms of files that other programs read, as far as ours use them and no further, from
 * https://learn.microsoft.com/azure/developer/azure-developer-cli/azd-schema and
 * https://docs.github.com/actions/writing-workflows/workflow-syntax-for-github-actions
 */
type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string', minLength: 1 };

function only(properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema {
  return { type: 'object', additionalProperties: false, required, properties };
}

const hook = (shell: string): Schema =>
  only({ shell: { const: shell }, run: text, interactive: { type: 'boolean' } }, ['shell', 'run']);
const onBoth = only({ posix: hook('sh'), windows: hook('pwsh') }, ['posix', 'windows']);

/** Hooks of the project, by the step of azd before or after which they run. */
const HOOKS = ['restore', 'build', 'provision', 'package', 'deploy', 'up', 'down'].flatMap((step) => [
  `pre${step}`,
  `post${step}`,
]);

export const AZURE_YAML: Schema = only(
  {
    name: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]*[a-z0-9]$' },
    metadata: only({ template: { type: 'string', pattern: '^[a-z]+@\\d+\\.\\d+\\.\\d+$' } }),
    requiredVersions: only({ azd: text }),
    infra: only({ provider: { enum: ['bicep', 'terraform'] }, path: text, module: text }),
    services: {
      type: 'object',
      minProperties: 1,
      additionalProperties: only(
        {
          project: text,
          language: { enum: ['dotnet', 'csharp', 'fsharp', 'py', 'python', 'js', 'ts', 'java', 'docker'] },
          host: { const: 'function' },
          dist: text,
          remoteBuild: { type: 'boolean' },
        },
        ['project', 'language', 'host'],
      ),
    },
    hooks: only(Object.fromEntries(HOOKS.map((name) => [name, onBoth]))),
  },
  ['name', 'services'],
);

const level = { enum: ['read', 'write', 'none'] };
const permissions = only({ contents: level, 'id-token': level });
const values: Schema = {
  type: 'object',
  additionalProperties: { type: ['string', 'number', 'boolean'] },
};
const step: Schema = {
  oneOf: [
    only(
      {
        // By commit: a tag can be moved.
        uses: { type: 'string', pattern: '^[a-z0-9-]+/[a-z0-9-]+@[0-9a-f]{40}$' },
        with: values,
        name: text,
      },
      ['uses'],
    ),
    // What GitHub fills in before a shell reads it could be a command: by env alone.
    only({ run: { type: 'string', minLength: 1, not: { pattern: '\\$\\{\\{' } }, env: values, name: text }, [
      'run',
    ]),
  ],
};

export const WORKFLOW: Schema = only(
  {
    name: text,
    on: only({
      // Of any branch; never `pull_request_target`, which would give its rights to what somebody sends in.
      pull_request: { type: 'null' },
      workflow_dispatch: only({
        inputs: {
          type: 'object',
          additionalProperties: only(
            {
              description: text,
              required: { type: 'boolean' },
              type: { enum: ['boolean', 'choice', 'number', 'environment', 'string'] },
            },
            ['type'],
          ),
        },
      }),
    }),
    permissions,
    concurrency: only({ group: text, 'cancel-in-progress': { type: 'boolean' } }, ['group']),
    jobs: {
      type: 'object',
      minProperties: 1,
      additionalProperties: only(
        {
          needs: text,
          if: text,
          'runs-on': { type: 'string', pattern: '^ubuntu-\\d+\\.\\d+$' },
          'timeout-minutes': { type: 'integer', minimum: 1, maximum: 360 },
          environment: text,
          permissions,
          env: values,
          steps: { type: 'array', minItems: 1, items: step },
        },
        ['runs-on', 'timeout-minutes', 'permissions', 'steps'],
      ),
    },
  },
  ['name', 'on', 'permissions', 'jobs'],
);
