/** A value with exactly one canonical JSON text; numbers must be finite. */
export type Json = null | boolean | number | string | Json[] | {
  [key: string]: Json;
};
