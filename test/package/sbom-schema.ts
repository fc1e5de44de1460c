/** A bill of materials, as far as Outrider's has it. */
export interface Sbom {
  readonly components: readonly {
    readonly 'bom-ref': string;
    readonly group?: string;
    readonly name: string;
    readonly version: string;
    readonly hashes?: readonly object[];
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const text = { type: 'string', minLength: 1 };
const purl = { type: 'string', pattern: '^pkg:(npm/(%40[a-z0-9._-]+/)?[a-z0-9._-]+|nuget/[A-Za-z.]+)@[0-9]' };
const licenses = {
  type: 'array',
  minItems: 1,
  items: {
    type: 'object',
    oneOf: [
      {
        type: 'object',
        required: ['license'],
        additionalProperties: false,
        // Those that this repository has looked at.
        properties: {
          license: {
            type: 'object',
            required: ['id'],
            additionalProperties: false,
            properties: {
              id: { enum: ['MIT', 'Apache-2.0', 'BSD-3-Clause', 'ISC', '0BSD', 'BlueOak-1.0.0'] },
            },
          },
        },
      },
      {
        type: 'object',
        required: ['expression'],
        additionalProperties: false,
        properties: { expression: { enum: ['(BSD-3-Clause OR GPL-2.0)'] } },
      },
    ],
  },
};
const component = (type: string, more: Readonly<Record<string, object>>, required: readonly string[]) => ({
  type: 'object',
  additionalProperties: false,
  required: ['type', 'name', 'version', 'bom-ref', 'licenses', 'purl', ...required],
  properties: { type: { const: type }, name: text, version: text, 'bom-ref': purl, licenses, purl, ...more },
});

/** CycloneDX 1.6 as far as it is used, and no further: https://cyclonedx.org/docs/1.6/json/. No time, no serial number. */
export const SBOM_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['bomFormat', 'specVersion', 'version', 'metadata', 'components', 'dependencies'],
  properties: {
    bomFormat: { const: 'CycloneDX' },
    specVersion: { const: '1.6' },
    version: { type: 'integer', minimum: 1 },
    metadata: {
      type: 'object',
      additionalProperties: false,
      required: ['component'],
      properties: {
        lifecycles: { const: [{ phase: 'build' }] },
        component: component('application', {}, []),
      },
    },
    components: {
      type: 'array',
      minItems: 1,
      uniqueItems: true,
      items: component(
        'library',
        {
          group: { type: 'string', pattern: '^@' },
          scope: { enum: ['required', 'optional', 'excluded'] },
          hashes: {
            type: 'array',
            minItems: 1,
            items: {
              type: 'object',
              additionalProperties: false,
              required: ['alg', 'content'],
              properties: {
                alg: { const: 'SHA-512' },
                content: { type: 'string', pattern: '^[0-9a-f]{128}$' },
              },
            },
          },
        },
        ['scope'],
      ),
    },
    dependencies: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['ref', 'dependsOn'],
        properties: { ref: purl, dependsOn: { type: 'array', uniqueItems: true, items: purl } },
      },
    },
  },
} as const;
