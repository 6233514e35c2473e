-- A service account has no rights without a role binding, and its bindings go with it: RoleBinding_lost has told by then.
DROP TRIGGER "ServiceAccount_lost" ON "ServiceAccount";
