/** Bytes of a vec4<f32>. */
export const vectorBytes = 16;

/** Bytes of a vec2<f32>. */
export const pairBytes = 8;

/** Bytes of an f32. */
export const floatBytes = 4;
