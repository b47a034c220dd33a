export function NewOrganisationPage() { return null; }
