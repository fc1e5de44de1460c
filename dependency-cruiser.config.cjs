// The arrows of the house: functions -> shared/app.ts -> domain + adapters. See docs/decisions/0001-house.md.
const DOMAIN = '^shared/(incidents|hunting|response|delivery|tenants|preflight)/';
const ADAPTER = '^shared/(auth|clients|state)/';
const typeOnly = { dependencyTypesNot: ['type-only'] };

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'domain-knows-no-adapter',
      comment: 'A domain works on its own ports.',
      severity: 'error',
      from: { path: DOMAIN },
      to: { path: '^shared/(auth|clients|state|http)/|^functions/|^@azure/|node_modules/@azure/' },
    },
    {
      name: 'domain-knows-no-other-domain',
      severity: 'error',
      from: { path: '^shared/(incidents|hunting|response|delivery|tenants|preflight)/' },
      to: { path: DOMAIN, pathNot: '^shared/$1/' },
    },
    {
      name: 'adapter-sees-domain-by-type-only',
      severity: 'error',
      from: { path: ADAPTER },
      to: { path: DOMAIN, ...typeOnly },
    },
    {
      name: 'adapter-knows-no-other-adapter',
      severity: 'error',
      from: { path: '^shared/(auth|clients|state)/' },
      to: { path: ADAPTER, pathNot: '^shared/$1/' },
    },
    {
      name: 'functions-do-not-reach-past-the-composition-root',
      severity: 'error',
      from: { path: '^functions/' },
      to: { path: ADAPTER },
    },
    {
      name: 'composition-root-is-loaded-lazily',
      comment: 'What registers functions must stay small: only load-app.ts imports app.ts, dynamically.',
      severity: 'error',
      from: { path: '^(functions|shared)/', pathNot: '^shared/http/load-app.ts$' },
      to: { path: '^shared/app.ts$', ...typeOnly },
    },
    {
      name: 'lab-shares-nothing-with-the-product',
      severity: 'error',
      from: { path: '^lab/' },
      to: { path: '^(shared|functions|cli)/' },
    },
    {
      name: 'product-knows-no-lab',
      severity: 'error',
      from: { path: '^(shared|functions)/' },
      to: { path: '^(lab|cli|test|bench|scripts)/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
