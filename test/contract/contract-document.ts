import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** A schema of the contract, as far as it is adapted here. */
interface Schema {
  properties?: Record<string, unknown>;
  additionalProperties?: unknown;
  discriminator?: { mapping?: unknown };
  enum?: string[];
  'x-open-type'?: boolean;
  'x-evolvable-members'?: string[];
}

interface Response {
  readonly content?: Readonly<Record<string, { readonly schema: { readonly $ref: string } }>>;
}

interface Operation {
  operationId: string;
  parameters?: readonly { readonly 'x-undocumented'?: boolean }[];
  readonly responses: Readonly<Record<string, Response & { readonly $ref?: string }>>;
}

type PathItem = Record<string, Operation>;

export interface ContractDocument {
  paths: Record<string, PathItem>;
  readonly components: {
    readonly schemas: Record<string, Schema>;
    readonly responses: Readonly<Record<string, Response>>;
  };
}

const FILE = join(import.meta.dirname, 'graph-security.openapi.yaml');

/**
 * The published contract in its strict form (its README says how): no member that a schema does not name, no
 * query option that Graph's pages do not document, and, unless asked for, no enum member that is only sent to
 * clients which prefer it.
 */
export function strictDocument({ newMembers }: { readonly newMembers: boolean }): ContractDocument {
  const document = parse(readFileSync(FILE, 'utf8')) as ContractDocument;
  for (const schema of Object.values(document.components.schemas)) {
    closeSchema(schema);
    if (!newMembers) dropNewMembers(schema);
  }
  for (const path of Object.values(document.paths)) {
    for (const operation of Object.values(path)) dropUndocumented(operation);
  }
  addAlertsOfIncident(document);
  return document;
}

/** Where the schema of an operation's JSON answer is; undefined when the status is not in the contract. */
export function responseSchema(
  document: ContractDocument,
  operationId: string,
  status: number,
): string | undefined {
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  const response = operations.find((operation) => operation.operationId === operationId)?.responses[status];
  const name = response?.$ref?.split('/').at(-1);
  const found = name === undefined ? response : document.components.responses[name];
  return found?.content?.['application/json']?.schema.$ref;
}

function closeSchema(schema: Schema): void {
  const isOpen = schema['x-open-type'] || schema.discriminator || schema.additionalProperties !== undefined;
  if (schema.properties && !isOpen) schema.additionalProperties = false;
  if (schema.discriminator) delete schema.discriminator.mapping;
}

function dropNewMembers(schema: Schema): void {
  const added = schema['x-evolvable-members'] ?? [];
  if (schema.enum) schema.enum = schema.enum.filter((member) => !added.includes(member));
}

function dropUndocumented(operation: Operation): void {
  if (operation.parameters) {
    operation.parameters = operation.parameters.filter((parameter) => !parameter['x-undocumented']);
  }
}

/** Where `alerts@odata.nextLink` leads. The extract leaves navigation properties out; its shape is alerts_v2's. */
function addAlertsOfIncident({ paths }: ContractDocument): void {
  const list = paths['/security/alerts_v2']?.get;
  const get = paths['/security/incidents/{incidentId}']?.get;
  if (!list || !get) throw new Error('the contract lacks alerts_v2 or incidents/{incidentId}');
  const parameters = [...(get.parameters ?? []), ...(list.parameters ?? [])].filter(
    (parameter, place, all) => all.findIndex((other) => nameOf(other) === nameOf(parameter)) === place,
  );
  paths['/security/incidents/{incidentId}/alerts'] = {
    // A copy: references are resolved in place, and must not be resolved twice.
    get: structuredClone({ ...list, operationId: 'listAlertsOfIncident', parameters }),
  };
}

const nameOf = (parameter: object): unknown =>
  Reflect.get(parameter, 'name') ?? Reflect.get(parameter, '$ref');
