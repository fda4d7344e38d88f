import type { PriceState } from '../plans/plan.js';
import type { FeatureTexts } from '../plans/rules.js';

export enum TimelineKind {
  SUBSCRIPTION = 'SUBSCRIPTION',
  PLAN_CHANGE = 'PLAN_CHANGE',
  INVOICE = 'INVOICE',
  PAYMENT = 'PAYMENT',
  CANCELLATION = 'CANCELLATION',
  ACCESS = 'ACCESS',
  DETAILS = 'DETAILS',
  SYSTEM = 'SYSTEM',
}

export interface Sentence {
  kind: TimelineKind;
  /** The lower, the more it matters to a person; the first becomes the title. */
  weight: number;
  text: string;
}

/** What the catalogue calls things, by their keys; what it does not know is shown by its key. */
export interface Names {
  plans: ReadonlyMap<string, string>;
  addOns: ReadonlyMap<string, string>;
  features: ReadonlyMap<string, FeatureTexts>;
  /** What each price sells, by its id. */
  prices: ReadonlyMap<string, Pick<PriceState, 'planKey' | 'addOnKey' | 'interval' | 'intervalCount'>>;
}

export const say = (kind: TimelineKind, weight: number, text: string): Sentence => ({ kind, weight, text });
export const nameOf = (plans: Names['plans'], key: unknown) => plans.get(String(key)) ?? String(key);
export const day = (at: unknown, locale: string) =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(Number(at));
