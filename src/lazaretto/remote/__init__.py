"""What engines have in common that have another program judge: clamd, services that speak ICAP."""
