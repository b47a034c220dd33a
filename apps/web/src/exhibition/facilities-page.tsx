export function FacilitiesPage() { return null; }
