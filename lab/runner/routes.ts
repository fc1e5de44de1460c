import { type RouteConstraint, routeConstraint } from './route-constraints.ts';
import { RunnerError } from './runner-error.ts';

/** A route template of ASP.NET Core, ready to match. */
export interface Route {
  readonly template: string;
  readonly segments: readonly Segment[];
  /** Smaller is more specific, compared as text. */
  readonly precedence: string;
}

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'parameter'; readonly parameter: Parameter }
  | { readonly kind: 'mixed'; readonly pattern: RegExp; readonly parameters: readonly Parameter[] };

interface Parameter {
  readonly name: string;
  readonly constraints: readonly RouteConstraint[];
  readonly optional: boolean;
  readonly catchAll: boolean;
  readonly fallback: string | undefined;
}

const PARAMETER = /\{([^{}]*(?:\{\d+(?:,\d*)?\}[^{}]*)*)\}/g;

/**
 * Reads a template: literals, `{id}`, `{id?}`, `{id=default}`, `{id:int}`, `{*rest}`, `file-{id}.json`.
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-trigger#customize-the-http-endpoint
 *
 * @throws RunnerError when the template is not one that ASP.NET Core accepts.
 */
export function parseRoute(template: string): Route {
  if (/^[/~]/.test(template))
    throw new RunnerError(`its route "${template}" starts with / or ~, which is not allowed`);
  const segments = splitSegments(template).map((text) => parseSegment(text, template));
  for (const [position, segment] of segments.entries()) {
    const last = position === segments.length - 1;
    const ends = segment.kind === 'parameter' && (segment.parameter.catchAll || segment.parameter.optional);
    if (ends && !last)
      throw new RunnerError(`its route "${template}" has an optional or catch-all part that is not the last`);
  }
  return { template, segments, precedence: segments.map(precedenceOf).join('') };
}

/**
 * The values of a route's parameters when the path (its decoded segments) fits, without regard to case;
 * undefined when it does not. An optional parameter that is absent has no value.
 */
export function matchRoute(route: Route, path: readonly string[]): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  for (const [position, segment] of route.segments.entries()) {
    const text = path[position];
    if (segment.kind === 'parameter' && segment.parameter.catchAll) {
      return setValue(values, segment.parameter, path.slice(position).join('/')) ? values : undefined;
    }
    if (!matchSegment(segment, text, values)) return undefined;
  }
  return path.length <= route.segments.length ? values : undefined;
}

/** Orders routes so that the most specific comes first. */
export function compareRoutes(left: Route, right: Route): number {
  return left.precedence < right.precedence ? -1 : Number(left.precedence > right.precedence);
}

/** The decoded segments of a request path; an encoded slash stays encoded, as the host leaves it. */
export function pathSegments(path: string): readonly string[] {
  const trimmed = path.replace(/^\//, '').replace(/\/$/, '');
  if (trimmed === '') return [];
  return trimmed.split('/').map((segment) => decodeURIComponent(segment.replaceAll(/%2f/gi, '%252F')));
}

/** Splits at slashes outside of braces: a regex constraint may hold one. */
function splitSegments(template: string): readonly string[] {
  const segments: string[] = [];
  let depth = 0;
  let segment = '';
  for (const character of template) {
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    if (character === '/' && depth === 0) {
      segments.push(segment);
      segment = '';
    } else segment += character;
  }
  return template === '' ? [] : [...segments, segment];
}

function parseSegment(text: string, template: string): Segment {
  const found = [...text.matchAll(PARAMETER)];
  if (found.length === 0) {
    if (text === '' || /[{}?]/.test(text))
      throw new RunnerError(`its route "${template}" cannot be read at "${text}"`);
    return { kind: 'literal', text: text.toLowerCase() };
  }
  const parameters = found.map((match) => parseParameter(match[1] ?? '', template));
  const [only] = parameters;
  if (only !== undefined && found.length === 1 && found[0]?.[0] === text)
    return { kind: 'parameter', parameter: only };
  const literals = text.split(PARAMETER).filter((_, index) => index % 2 === 0);
  const pattern = new RegExp(`^${literals.map(escapeRegExp).join('(.+?)')}$`, 'i');
  return { kind: 'mixed', pattern, parameters };
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function parseParameter(text: string, template: string): Parameter {
  const [, stars = '', name = '', constraints = '', fallback, question] =
    /^(\*{0,2})([^:=?*]+)((?::[^:=(]+(?:\(.*?\))?)*?)(?:=(.*?))?(\?)?$/.exec(text) ?? [];
  if (name === '') throw new RunnerError(`its route "${template}" cannot be read at "{${text}}"`);
  return {
    name,
    constraints: [...constraints.matchAll(/:([^:(]+(?:\(.*?\)(?=:|$))?)/g)].map((match) =>
      routeConstraint(match[1] ?? ''),
    ),
    optional: question !== undefined,
    catchAll: stars !== '',
    fallback,
  };
}

function matchSegment(segment: Segment, text: string | undefined, values: Record<string, string>): boolean {
  if (segment.kind === 'literal') return text?.toLowerCase() === segment.text;
  if (segment.kind === 'parameter') return setValue(values, segment.parameter, text);
  const match = segment.pattern.exec(text ?? '');
  return (
    match !== null &&
    segment.parameters.every((parameter, index) => setValue(values, parameter, match[index + 1]))
  );
}

function setValue(values: Record<string, string>, parameter: Parameter, text: string | undefined): boolean {
  const value = text === undefined || text === '' ? parameter.fallback : text;
  if (value === undefined) return parameter.optional || parameter.catchAll;
  if (!parameter.constraints.every((accepts) => accepts(value))) return false;
  values[parameter.name] = value;
  return true;
}

/** As ASP.NET Core ranks segments on the way in (RoutePrecedence). */
function precedenceOf(segment: Segment): string {
  if (segment.kind === 'literal') return '1';
  if (segment.kind === 'mixed') return '2';
  const { catchAll, constraints } = segment.parameter;
  if (catchAll) return constraints.length > 0 ? '4' : '5';
  return constraints.length > 0 ? '2' : '3';
}
