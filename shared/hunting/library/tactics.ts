/** MITRE ATT&CK's enterprise tactics as Defender and Sentinel write them: https://attack.mitre.org/tactics/enterprise/ */
const TACTICS = [
  'Reconnaissance',
  'ResourceDevelopment',
  'InitialAccess',
  'Execution',
  'Persistence',
  'PrivilegeEscalation',
  'DefenseEvasion',
  'CredentialAccess',
  'Discovery',
  'LateralMovement',
  'Collection',
  'CommandAndControl',
  'Exfiltration',
  'Impact',
] as const;

const BY_LETTERS: ReadonlyMap<string, string> = new Map([
  ...TACTICS.map((tactic) => [tactic.toLowerCase(), tactic] as const),
  ['defenceevasion', 'DefenseEvasion'],
]);

/** The tactic that a text names in any spelling (`Command And Control`, `TA0007 - Discovery`); undefined for none. */
export function tacticNamed(text: string): string | undefined {
  return BY_LETTERS.get(
    text
      .toLowerCase()
      .replace(/^\s*ta\d{4}/, '')
      .replaceAll(/[^a-z]/g, ''),
  );
}

/**
 * Sorts words from a query's tactics into ATT&CK's tactics and others, which are tags (`Ransomware`,
 * `Malware, component`). A text that lists several tactics counts as these.
 */
export function sortTactics(words: readonly string[]): {
  readonly tactics: readonly string[];
  readonly others: readonly string[];
} {
  const tactics = new Set<string>();
  const others = new Set<string>();
  for (const word of words) {
    const whole = tacticNamed(word);
    const parts = whole === undefined ? word.split(',').map(tacticNamed) : [whole];
    if (parts.every((part) => part !== undefined)) for (const part of parts) tactics.add(part);
    else others.add(word.trim());
  }
  return { tactics: [...tactics], others: [...others] };
}

/** A technique or sub-technique by its number. */
const TECHNIQUE = /^T\d{4}(?:\.\d{3})?$/;

/** Sorts words from a query's techniques into ATT&CK's numbers and others. */
export function sortTechniques(words: readonly string[]): {
  readonly techniques: readonly string[];
  readonly others: readonly string[];
} {
  const split = words.flatMap((word) => word.split(/[,;]/)).map((word) => word.trim());
  const numbers = split.map((word) => word.toUpperCase());
  return {
    techniques: [...new Set(numbers.filter((word) => TECHNIQUE.test(word)))],
    others: [...new Set(split.filter((word) => word !== '' && !TECHNIQUE.test(word.toUpperCase())))],
  };
}

/** Techniques named anywhere in a text. */
export function techniquesIn(text: string): readonly string[] {
  return [...new Set(text.match(/\bT\d{4}(?:\.\d{3})?\b/g) ?? [])];
}
