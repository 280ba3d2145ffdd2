"""SOP Class handlers: from instances to something displayable."""
