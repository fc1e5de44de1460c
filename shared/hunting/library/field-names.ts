/**
 * The fields of a query and every spelling of them in the collections (reference: query-formats). Letter case, `-` and
 * `_` do not count. Of several spellings in one file the first of these wins; the others are kept as unknown fields.
 */
export const FIELD_NAMES = {
  id: ['id', 'detectorId'],
  name: ['name', 'displayName', 'ruleName'],
  description: ['description', 'alertDescription'],
  details: ['details', 'descriptionDetailed', 'detailedDescription'],
  query: ['query', 'queryText', 'queryCondition'],
  platform: ['platform'],
  severity: ['severity', 'alertSeverity'],
  tactics: ['tactics', 'alertCategory'],
  techniques: ['techniques', 'relevantTechniques', 'mitreTechniques'],
  schedule: ['schedule'],
  frequency: ['frequency', 'queryFrequency', 'period'],
  lookback: ['lookback', 'queryPeriod'],
  trigger: ['trigger'],
  triggerOperator: ['triggerOperator'],
  triggerThreshold: ['triggerThreshold'],
  entities: ['entities', 'entityMappings', 'impactedAssets', 'impactedEntities'],
  customDetails: ['customDetails'],
  connectors: ['connectors', 'requiredDataConnectors'],
  tags: ['tags'],
  references: ['references', 'reference'],
  parameters: ['parameters'],
  keys: ['keys'],
  enabled: ['enabled', 'isEnabled'],
  tenants: ['tenants'],
  version: ['version'],
  author: ['author'],
  status: ['status'],
  actions: ['actions', 'responseActions', 'automatedActions'],
  extra: ['extra'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type FieldName = keyof typeof FIELD_NAMES;

/** Fields of other tools that mean nothing here: kept without a word. */
const FOREIGN = [
  'kind',
  'metadata',
  'source',
  'alertDetailsOverride',
  'eventGroupingSettings',
  'incidentConfiguration',
  'suppressionDuration',
  'suppressionEnabled',
  'sentinelEntitiesMappings',
  'alertRuleTemplateName',
  'templateVersion',
  'organizationalScope',
  'recommendedActions',
  'alertTitle',
  'alertTemplate',
  'detectionAction',
  'createdBy',
  'createdDateTime',
  'lastModifiedBy',
  'lastModifiedDateTime',
  'alertRecommendedActions',
  'guid',
  'type',
  'license',
];

/** A field's name as it is compared. */
export function comparableName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_ ]/g, '');
}

const FOREIGN_NAMES: ReadonlySet<string> = new Set(FOREIGN.map(comparableName));

export function isForeignField(name: string): boolean {
  return name.startsWith('@odata.') || FOREIGN_NAMES.has(comparableName(name));
}

/** Every spelling of every field, for suggestions. */
export const ALL_FIELD_NAMES: readonly string[] = Object.values(FIELD_NAMES).flat();
