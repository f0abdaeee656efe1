// "Use a passkey" on the pages of the admin site that ask for a second factor.
"use strict";

const button = document.getElementById("passkey-button");
const field = document.getElementById("id_passkey");
const problem = document.getElementById("passkey-problem");

field.value = "";

button.addEventListener("click", async () => {
    problem.hidden = true;
    try {
        const options = JSON.parse(document.getElementById("passkey-options").textContent);
        const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
        const credential = await navigator.credentials.get({ publicKey });
        field.value = JSON.stringify(credential);
        field.form.submit();
    } catch (error) {
        problem.textContent = `The passkey could not be used: ${error.message}`;
        problem.hidden = false;
    }
});
