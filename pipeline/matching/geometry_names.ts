/** What may hold between the places of two images, by name. */
export const geometryNames = ["homography", "fundamental", "none"] as const;

/** What may hold between the places of two images. */
export type GeometryName = typeof geometryNames[number];
