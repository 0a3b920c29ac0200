import { html, type Html } from '@gatehouse/http';
import { knownTypes, type AuthorizationDetail } from '../domain/authorization-details.ts';
import type { Resources } from '../domain/resource.ts';

/** RFC 9396 11: everything that is asked for, so that nothing is allowed that was not seen. */
export function detailWish({ type, ...members }: AuthorizationDetail, resources: Resources): Html {
  const description = knownTypes(resources).find((one) => one.type === type)?.description ?? type;
  const lines = linesOf(members).map(([name, value]) => html`<li>${name}: ${value}</li>`);
  return html`<li>
    ${description}
    <ul>
      ${lines}
    </ul>
  </li>`;
}

function linesOf(members: Readonly<Record<string, unknown>>, above = ''): [name: string, value: string][] {
  return Object.entries(members).flatMap(([name, value]): [string, string][] => {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (isObject) return linesOf(value as Record<string, unknown>, `${above}${name} `); // -- no list, so its members have names
    return [[above + name, Array.isArray(value) ? value.join(', ') : String(value)]];
  });
}
