import { Column, type ColumnOptions, PrimaryColumn } from 'typeorm';

/** Bigint columns arrive as strings from MySQL; inside the safe range they are numbers everywhere else. */
const safeInteger = {
  to: (value: unknown) => value,
  from: (value: unknown) => {
    if (value === null || value === undefined) return value;
    const number = Number(value);
    if (!Number.isSafeInteger(number))
      throw new RangeError(`The stored number ${String(value)} is outside the safe range.`);
    return number;
  },
};
const json = {
  to: (value: unknown) => (value === undefined || value === null ? value : JSON.stringify(value)),
  from: (value: unknown) => (typeof value === 'string' ? (JSON.parse(value) as unknown) : value),
};

// Everything is compared byte by byte: with a server's usual collations `evt_1aBc` is a duplicate of `evt_1AbC`. SQLite
// compares so by itself and does not read these.
const bytes = { charset: 'ascii', collation: 'ascii_bin' };
const unicode = { charset: 'utf8mb4', collation: 'utf8mb4_bin' };

/** Stripe's own id or one of ours. */
export const IdKey = () => PrimaryColumn({ type: 'varchar', length: 255, ...bytes });
export const IdColumn = (options: ColumnOptions = {}) => Column({ type: 'varchar', length: 255, ...bytes, ...options });
/** A name that somebody else gave, in any script. */
export const ExternalIdColumn = (options: ColumnOptions = {}) =>
  Column({ type: 'varchar', length: 255, ...unicode, ...options });
export const TextColumn = (options: ColumnOptions = {}) => Column({ type: 'text', ...unicode, ...options });
/** Money in minor units, counters, instants in milliseconds. */
export const IntegerColumn = (options: ColumnOptions = {}) =>
  Column({ type: 'bigint', transformer: safeInteger, ...options });
export const InstantColumn = IntegerColumn;
export const BooleanColumn = (options: ColumnOptions = {}) => Column({ type: 'boolean', ...options });
/** Up to 16 MB as text; JSON functions differ between databases and are not used. */
export const JsonColumn = (options: ColumnOptions = {}) =>
  Column({ type: 'mediumtext', transformer: json, ...unicode, ...options });
